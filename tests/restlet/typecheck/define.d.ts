/** The AMD loader of SuiteScript. */
declare function define(modules: string[], factory: (...modules: never[]) => object): void;
