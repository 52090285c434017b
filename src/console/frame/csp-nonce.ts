/** What the page's policy lets a style through by that a script makes: the Worker writes it into each page anew. */
export const cspNonce: string | undefined =
  document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce;
