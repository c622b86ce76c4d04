/** Style sheets are bundled by esbuild (build.js); importing one gives nothing. */
declare module "*.css";
