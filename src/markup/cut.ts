/** No more of a text than this many characters; a mark tells where something is missing. */
export const cut = (text: string, charsMax: number): string =>
  text.length > charsMax ? `${text.slice(0, charsMax).replace(/[\ud800-\udbff]$/, "")}…` : text;
