const ASCII = /^[\x21-\x7e]+$/;

/**
 * How e-mails are compared: in lower case, as nobody has two mailboxes that differ in that. Of other alphabets some letters become
 * ASCII then (the Kelvin sign a k), and with them somebody else's address: an e-mail with one of those stays as it is.
 */
export const foldEmail = (email: string): string => (ASCII.test(email) ? email.toLowerCase() : email);
