import "../../base.ts";

// Imported dynamically, because few messages need it.
export { LOOK_ALIKES } from "../../../shared/look_alikes.ts";
