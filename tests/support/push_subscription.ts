/** Returns a subscription whose keys are valid, and nobody's. */
export function pushSubscription(index: number) {
  return {
    endpoint: `https://fcm.googleapis.com/fcm/send/device-${index}`,
    keys: {
      // The example of RFC 8291.
      p256dh: "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
      auth: "BTBZMqHH6r4Tts7J_aSIgg",
    },
  };
}
