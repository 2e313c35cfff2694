"use client";

import { useEffect } from "react";
import { everyday } from "../programs/everyday.js";
import { show } from "../programs/show.js";
import { threads } from "../programs/threads.js";

/** A client component: the browser learns. */
export function Learner() {
  useEffect(() => {
    void show(async () => ({ everyday: await everyday(), threads: await threads() }));
  }, []);
  return <output />;
}
