import type { components } from "./schema.d.ts";

/** Names for what the API answers with, as it is documented. */
export type BatchStatus = components["schemas"]["BatchStatus"];
export type BatchControls = components["schemas"]["BatchControls"];
export type ChunkStatus = components["schemas"]["ChunkStatus"];
export type ImageStatus = components["schemas"]["ImageStatus"];
export type ImageList = components["schemas"]["ImageList"];
export type FailureList = components["schemas"]["FailureList"];
export type FailureGroup = components["schemas"]["FailureGroup"];
export type ImageDetail = components["schemas"]["ImageDetail"];
export type PrintLink = components["schemas"]["PrintLink"];
export type DraftSummary = components["schemas"]["DraftSummary"];
export type SystemLimits = components["schemas"]["SystemLimits"];
export type SystemStatus = components["schemas"]["SystemStatus"];
export type WorkerStatus = components["schemas"]["WorkerStatus"];
export type QueueStatus = components["schemas"]["QueueStatus"];
export type DeadLetterStatus = components["schemas"]["DeadLetterStatus"];
export type StatisticsAnswer = components["schemas"]["StatisticsAnswer"];
export type StatisticsPoint = components["schemas"]["StatisticsPoint"];
export type RecipeAnswer = components["schemas"]["RecipeAnswer"];
export type RecipeSummary = components["schemas"]["RecipeSummary"];
export type Tile = components["schemas"]["Tile"];
export type Proof = components["schemas"]["Proof"];
