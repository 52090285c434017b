import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { client } from "../../../api/client.ts";
import { sayFailure } from "../../../parts/toast.tsx";
import type { Delivery, DeliveryStatus } from "../subscription-types.ts";
import {
  addOlder,
  countWaiting,
  type ListPage,
  type LiveList,
  showWaiting,
  startList,
  takeNewest,
} from "./live-list.ts";

export type DeliveryFilter = { status?: DeliveryStatus; partitionKey?: string; from?: string; to?: string };

const POLL_MS = 2_000;
const PAGE_ROWS = 50;
/** Further down than this, somebody reads. */
const TOP_PX = 160;

/** The deliveries of a subscription, which come by themselves. `box`: the element that they stand in. */
export function useLiveDeliveries(subscriptionId: string, filter: DeliveryFilter, isPaused: boolean) {
  const [list, setList] = useState<LiveList<Delivery> | null>(null);
  const [isMoreBusy, setMoreBusy] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const read = async (cursor?: string): Promise<ListPage<Delivery>> => {
    const query = { limit: PAGE_ROWS, ...filter, ...(cursor !== undefined && { cursor }) };
    const { data } = await client.GET("/v1/subscriptions/{id}/deliveries", {
      params: { path: { id: subscriptionId }, query },
    });
    return data ?? { data: [], nextCursor: null };
  };
  const newest = useQuery({
    queryKey: ["get", "/v1/subscriptions/{id}/deliveries", subscriptionId, filter],
    queryFn: () => read(),
    refetchInterval: isPaused ? false : POLL_MS,
  });
  useEffect(() => {
    const page = newest.data;
    if (page) setList((before) => (before ? takeNewest(before, page, isRead(box.current)) : startList(page)));
  }, [newest.data]);
  const showMore = async (): Promise<void> => {
    if (!list?.olderCursor) return;
    setMoreBusy(true);
    try {
      const page = await read(list.olderCursor);
      setList((before) => before && addOlder(before, page));
    } catch (error) {
      sayFailure("Older deliveries could not be read", error);
    } finally {
      setMoreBusy(false);
    }
  };
  return {
    box,
    newest,
    list,
    waiting: list ? countWaiting(list) : 0,
    showWaiting: () => setList((before) => before && showWaiting(before)),
    older: { hasNextPage: Boolean(list?.olderCursor), isFetchingNextPage: isMoreBusy, fetchNextPage: showMore },
  };
}

/** Whoever has scrolled down, or is in the list with the keyboard, is not to lose the place. */
const isRead = (box: HTMLElement | null): boolean =>
  box !== null && (box.getBoundingClientRect().top < -TOP_PX || box.contains(document.activeElement));
