import type { Role } from "../../api/session.ts";

/** Each role with what it may do, least first. */
export const ROLES: { value: Role; label: string; hint: string }[] = [
  { value: "viewer", label: "Viewer", hint: "Sees everything, changes nothing." },
  { value: "developer", label: "Developer", hint: "Publishes, subscribes, decides on consents." },
  { value: "admin", label: "Admin", hint: "The same, and makes tokens and members." },
];
