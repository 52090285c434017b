/** What breaks out of a text in some language, where it is not written down with care. */
const PIECES = [
  ...[
    "'",
    '"',
    "`",
    "\\",
    "\\\\'",
    "'''",
    '"""',
    "\n",
    "\r",
    "\r\n",
    "\u2028",
    "\u2029",
    "\u0085",
    "\t",
    "\u0000",
    "\u001b[2J",
  ],
  ...[
    "$(touch /tmp/x)",
    ["$", "{HOME}"].join(""),
    "$HOME",
    "`id`",
    "!!",
    "%s",
    "%payload%",
    '"%payload%"',
    "'%relay%'",
    "$&",
    "$1",
    "$$",
  ],
  ...["*/", "/*", "//", "#", "<!--", "-->", "</script>", "coding: utf-7", "+AAo-", "#{1}", "{0}", "\\u0027", "\\x27"],
  ...[
    "\u202e",
    "\u200b",
    "\ufeff",
    "\ud800",
    "😀",
    "ü",
    "EOF",
    "__proto__",
    "constructor",
    "; exit 7 #",
    "@/etc/passwd",
    "=",
    ",",
    " ",
  ],
];

const MIXTURES = 60;
const PIECES_MAX = 5;

/** Each of them alone, and mixed; the same at each call. */
export function hostileTexts(): string[] {
  let state = 7;
  const next = (below: number): number => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor((state / 2 ** 31) * below);
  };
  const mix = (): string =>
    Array.from({ length: 1 + next(PIECES_MAX) }, () => PIECES[next(PIECES.length)] ?? "").join("");
  return [...PIECES, ...Array.from({ length: MIXTURES }, mix)];
}
