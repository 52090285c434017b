/** What is shown of credentials, once. */
export const secretsOf = ({ clientId, clientSecret }: { clientId: string; clientSecret: string }) => [
  { label: "Client id", value: clientId },
  { label: "Client secret", value: clientSecret },
];
