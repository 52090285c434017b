import { Outlet } from "@tanstack/react-router";
import { SessionEnded } from "./session-ended.tsx";

/** Whatever is shown, and what may stand in front of it. */
export const AnyPage = () => (
  <>
    <Outlet />
    <SessionEnded />
  </>
);
