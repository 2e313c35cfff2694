import { Linear, ones, relu, Sequential } from "tinygrad-ts";
import { decodeModel, encodeModel } from "tinygrad-ts/model";
import { show } from "./show.ts";

// The recipes of docs/guide/saving-and-loading.md.

function download(bytes: BlobPart, name: string): void {
  const url = URL.createObjectURL(new Blob([bytes]));
  Object.assign(document.createElement("a"), { href: url, download: name }).click();
  URL.revokeObjectURL(url);
}

function openStore(): Promise<IDBDatabase> {
  const { promise, resolve, reject } = deferred<IDBDatabase>();
  const request = indexedDB.open("models", 1);
  request.onupgradeneeded = () => request.result.createObjectStore("files");
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
  return promise;
}

async function put(name: string, bytes: Uint8Array): Promise<void> {
  const { promise, resolve, reject } = deferred<void>();
  const transaction = (await openStore()).transaction("files", "readwrite");
  transaction.objectStore("files").put(bytes, name);
  transaction.oncomplete = () => resolve();
  transaction.onerror = () => reject(transaction.error);
  return promise;
}

async function get(name: string): Promise<Uint8Array | undefined> {
  const { promise, resolve, reject } = deferred<Uint8Array | undefined>();
  const request = (await openStore()).transaction("files").objectStore("files").get(name);
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
  return promise;
}

function deferred<T>() {
  let resolve!: (value: T) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<T>((yes, no) => {
    [resolve, reject] = [yes, no];
  });
  return { promise, resolve, reject };
}

void show(async () => {
  const model = new Sequential(new Linear(3, 4), relu, new Linear(4, 2));
  const outputs = (bytes: Uint8Array | ArrayBuffer): unknown =>
    decodeModel(bytes)
      .forward(ones([1, 3]))
      .toArray();
  const bytes = encodeModel(model);
  download(bytes, "model.safetensors");
  const file = new File([bytes], "model.safetensors"); // what an <input type="file"> gives
  await put("digits", bytes);
  const kept = await get("digits");
  return {
    wanted: model.forward(ones([1, 3])).toArray(),
    uploaded: outputs(await file.arrayBuffer()),
    kept: kept && outputs(kept),
    none: (await get("none")) === undefined,
  };
});
