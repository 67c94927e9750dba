/** Subscriptions of a person; one more replaces the oldest. */
export const DEVICES_PER_PERSON_COUNT = 20;
/** Of a notification; longer names are cut. */
export const TITLE_MAX_LENGTH = 100;
/** Endpoints of the known services have about 200. */
export const ENDPOINT_MAX_LENGTH = 1_024;
