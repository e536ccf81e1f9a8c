import { type ReadonlySignal, type Signal, useComputed, useSignal } from "@preact/signals";
import { chosenFiles } from "./chosen_files.ts";
import type { NamedFile } from "./drafts.ts";
import { folderOf, nameInBatch } from "./file_paths.ts";
import type { FoundFile } from "./found_files.ts";
import { HEADER_BYTES } from "./groups.ts";
import { type LeftOut, sortOut } from "./left_out.ts";
import { limits } from "./limits.ts";

type UnplacedFile = Omit<NamedFile, "position">;

/** Which of the chosen files are sent. */
export interface Selection {
  readonly files: ReadonlySignal<readonly NamedFile[]>;
  readonly leftOut: ReadonlySignal<readonly LeftOut<UnplacedFile>[]>;
  /** A person wants what is left out to be sent all the same. */
  readonly sendsAll: Signal<boolean>;
}

/** Select from the chosen files, also when others are chosen instead. */
export function useSelection(): Selection {
  const sendsAll = useSignal(false);
  const named = useComputed(() => (chosenFiles.value ?? []).map(withNames));
  const sorting = useComputed(() => sortOut(named.value, limits.value.max_file_bytes));
  const files = useComputed(() => {
    const most = limits.value.append_max_bytes - HEADER_BYTES;
    const sent = sendsAll.value ? named.value.filter(({ size }) => size <= most) : sorting.value.fit;
    return sent.map((file, position): NamedFile => ({ ...file, position }));
  });
  const leftOut = useComputed(() => sorting.value.leftOut);
  return { files, leftOut, sendsAll };
}

function withNames(found: FoundFile): UnplacedFile {
  return { name: nameInBatch(found), folder: folderOf(found), size: found.size, open: found.open };
}
