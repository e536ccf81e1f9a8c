import { Progress } from "../look/progress.tsx";
import { words, written } from "../words/words.ts";
import type { Upload } from "./upload.ts";

/** How much has been sent, how fast, and for how long it will go on. */
export function UploadProgress({ upload }: { readonly upload: Upload }) {
  const say = words.value.upload;
  const { bytes } = written.value;
  const sent = upload.sentBytes.value;
  const total = upload.totalBytes;
  const isPaused = upload.isPaused.value;
  const figures = say.sentOf(bytes(sent), bytes(total));
  return (
    <div class="upload-progress">
      <Progress label={say.sending} completed={sent} failed={0} total={total} text={figures} held={isPaused} />
      <span>{upload.stage.value === "committing" ? say.committing : figures}</span>
      <span class="soft">{isPaused ? say.paused : <Pace upload={upload} />}</span>
    </div>
  );
}

function Pace({ upload }: { readonly upload: Upload }) {
  const say = words.value.upload;
  const { bytes, duration } = written.value;
  const perSecond = upload.bytesPerSecond.value;
  if (upload.isRetrying.value) return <>{say.retrying}</>;
  if (perSecond === null || upload.stage.value === "committing") return null;
  const seconds = (upload.totalBytes - upload.sentBytes.value) / perSecond;
  return (
    <>
      {say.rate(bytes(perSecond))} · {say.timeLeft(duration(seconds))}
    </>
  );
}
