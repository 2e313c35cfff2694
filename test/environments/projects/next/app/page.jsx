import { everyday } from "../programs/everyday.js";
import { Learner } from "./learner.jsx";

/** A server component: the server learns, and the page says what came of it. */
export default async function Page() {
  return (
    <>
      <pre id="server">{JSON.stringify(await everyday())}</pre>
      <Learner />
    </>
  );
}
