/** Puts a text among the browser's downloads. */
export function saveFile(text: string, name: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "application/octet-stream" }));
  Object.assign(document.createElement("a"), { href: url, download: name }).click();
  URL.revokeObjectURL(url);
}

/** "Repair Orders!" as "repair-orders.asyncapi.yaml". */
export function documentFileName(title: string, spelling: "yaml" | "json"): string {
  const words = title.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? ["api"];
  return `${words.join("-")}.asyncapi.${spelling}`;
}
