import { showPageNotice } from "../../../client/notify/page_notice.ts";

Object.assign(globalThis, { showPageNotice });
