import { withThreads } from "./threads.js";

/** Leaves its worker where it is; the process must end all the same. */
export const threadsLeft = () => withThreads();
