import { useSignal } from "@preact/signals";
import type { CSSProperties, TargetedEvent } from "preact";
import { returns } from "../api/connection.ts";

interface ServedImageProps {
  readonly src: string;
  readonly alt: string;
  readonly width: number;
  readonly height: number;
  readonly class?: string;
  readonly style?: CSSProperties;
  readonly onLoad?: (event: TargetedEvent<HTMLImageElement>) => void;
}

/** A picture that the server has; one that did not come is asked for again when the connection is back. */
export function ServedImage({ alt, ...attributes }: ServedImageProps) {
  const missed = useSignal(false);
  // Another element: a browser asks for the same address only once.
  const key = missed.value ? returns.value : "first";
  return <img {...attributes} key={key} alt={alt} decoding="async" onError={() => (missed.value = true)} />;
}
