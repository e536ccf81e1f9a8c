import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { answered, api } from "../api/client.ts";
import { type ApiProblem, asProblem } from "../api/problem.ts";
import { useShortcuts } from "../keys/keys.ts";
import { Button } from "../look/button.tsx";
import { Dialog } from "../look/dialog.tsx";
import { Problem } from "../look/problem.tsx";
import { Progress } from "../look/progress.tsx";
import { navigate } from "../routing/location.ts";
import { words, written } from "../words/words.ts";
import { chosenFiles } from "./chosen_files.ts";
import { askForFiles, FileInputs } from "./file_inputs.tsx";
import { send } from "./sending.ts";
import { suggestedName } from "./suggested_name.ts";

/** The sheet in which a batch is made of the files that were chosen; it stands once beside the frame. */
export function NewBatch() {
  const files = chosenFiles.value;
  useShortcuts([{ keys: "KeyN", label: words.value.frame.keys.create, act: () => askForFiles("files") }]);
  return (
    <>
      <FileInputs />
      {files && <Sheet key={files} files={files} />}
    </>
  );
}

function Sheet({ files }: { readonly files: readonly File[] }) {
  const say = words.value.upload;
  const name = useSignal(suggestedName(files));
  const recipe = useSignal("");
  const sent = useSignal<number | null>(null);
  const problem = useSignal<ApiProblem | null>(null);
  const leaving = useSignal(new AbortController());
  const close = (): void => {
    leaving.value.abort();
    chosenFiles.value = null;
  };
  const start = async (): Promise<void> => {
    sent.value = 0;
    problem.value = null;
    try {
      await send(
        { name: name.value, recipe: recipe.value, files },
        (bytes) => (sent.value = bytes),
        leaving.value.signal,
      );
      chosenFiles.value = null;
      navigate("/");
    } catch (thrown) {
      problem.value = asProblem(thrown);
      sent.value = null;
    }
  };
  return (
    <Dialog title={say.newBatch} close={close}>
      <form class="new-batch" onSubmit={(event) => event.preventDefault()}>
        <label>
          {say.name}
          <input value={name.value} maxLength={200} onInput={(event) => (name.value = event.currentTarget.value)} />
        </label>
        <RecipeChoice choose={(chosen) => (recipe.value = chosen)} />
        <Amount files={files} sent={sent.value} />
        {problem.value && <Problem problem={problem.value} />}
        <div class="actions">
          <Button act={close}>{words.value.look.cancel}</Button>
          <Button kind="main" busy={sent.value !== null} act={() => void start()}>
            {say.start}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function RecipeChoice({ choose }: { readonly choose: (name: string) => void }) {
  const names = useSignal<readonly string[]>([]);
  useEffect(() => {
    void answered(api.GET("/pipeline/recipes")).then(({ data }) => {
      names.value = data.map((recipe) => recipe.name);
    });
  }, []);
  return (
    <label>
      {words.value.upload.recipe}
      <select onChange={(event) => choose(event.currentTarget.value)}>
        {names.value.map((name) => (
          <option key={name}>{name}</option>
        ))}
      </select>
    </label>
  );
}

function Amount({ files, sent }: { readonly files: readonly File[]; readonly sent: number | null }) {
  const say = words.value.upload;
  const { number, bytes } = written.value;
  const total = files.reduce((sum, file) => sum + file.size, 0);
  const text = `${bytes(Math.min(sent ?? 0, total))} / ${bytes(total)}`;
  return (
    <>
      <p>{say.amount(number(files.length), bytes(total))}</p>
      {sent !== null && (
        <Progress label={say.sending} completed={Math.min(sent, total)} failed={0} total={total} text={text} />
      )}
    </>
  );
}
