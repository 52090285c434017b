/** Stands in for @stoplight/json-ref-readers: a document that refers to something outside itself makes the relay fetch nothing. */

// One finding for each address: the resolver takes those that say the same for one.
async function refuse(address: { href(): string }): Promise<never> {
  throw new Error(
    `${address.href()} is outside the document, and the relay fetches nothing. Put all into one document.`,
  );
}

export { refuse as resolveFile, refuse as resolveHttp };

export const createResolveHttp = () => refuse;
