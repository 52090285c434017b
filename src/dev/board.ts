import { setTimeout as sleep } from "node:timers/promises";
import { serveBoard } from "./board-server.ts";
import { openWorkshop } from "./workshop.ts";

const PACE_MS = 900;

const relay = process.env.RELAY_ORIGIN ?? `http://127.0.0.1:${process.env.PORT || 8787}`;
const port = Number(process.env.BOARD_PORT || 8788);

try {
  const workshop = await openWorkshop(relay, process.env.RELAY_OPERATOR_TOKEN ?? "dev-operator-token");
  const board = await serveBoard(workshop, relay, port);
  console.log(`the workshop's board, live from ${relay}, is at ${board.url}`);
  for (;;) {
    await workshop.step().catch((error) => console.error(`not published: ${error.message}`));
    await sleep(PACE_MS * (0.5 + Math.random()));
  }
} catch (error) {
  console.error(`There is no relay at ${relay} (npm run dev starts one): ${(error as Error).message}`);
  process.exitCode = 1;
}
