import fc from "fast-check";
import { checkCosts } from "../checkCosts.ts";
import { checkGradients, gradientRecipes } from "../checkGradients.ts";
import { checkCollected, checkHomes } from "../checkHomes.ts";
import { checkOverwriting } from "../checkOverwriting.ts";
import { checkDerivatives, checkIntegers, checkProducts, checkProgram, integerRecipes } from "../checkProgram.ts";
import { checkStep } from "../checkStep.ts";
import { checkCuts, checkTasks, works } from "../checkTasks.ts";
import { checkTraining, trainingRecipes } from "../checkTraining.ts";
import { recipes } from "../randomProgram.ts";
import { stepRecipes } from "../randomStep.ts";

// What a mutant has to live through: throws if something is wrong. The quick ones come first.

function draw<T>(recipe: fc.Arbitrary<T>, check: (recipe: T) => void, numRuns: number, seed = 11): void {
  fc.assert(fc.property(recipe, check), { numRuns, seed, endOnFailure: true });
}

checkCuts();
checkCosts();
checkHomes();
checkProducts();
checkOverwriting();
draw(stepRecipes, checkStep, 100);
draw(works, checkTasks, 12);
draw(trainingRecipes, checkTraining, 20);
draw(recipes, checkProgram, 20);
draw(integerRecipes, checkIntegers, 10);
draw(stepRecipes, checkStep, 250, 12);
draw(recipes, checkDerivatives, 10);
draw(gradientRecipes, checkGradients, 20);
await checkCollected((globalThis as unknown as { readonly gc: () => void }).gc);
