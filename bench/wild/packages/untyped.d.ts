// Packages without types of their own.
declare module "algebrite";
declare module "convnetjs";
declare module "neataptic";
declare module "nerdamer/Calculus.js";
declare module "synaptic";
