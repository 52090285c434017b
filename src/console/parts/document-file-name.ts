/** "Repair Orders!" as "repair-orders.asyncapi.yaml". */
export function documentFileName(title: string, spelling: "yaml" | "json"): string {
  const words = title.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? ["api"];
  return `${words.join("-")}.asyncapi.${spelling}`;
}
