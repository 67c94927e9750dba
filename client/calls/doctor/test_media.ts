const [WIDTH, HEIGHT] = [320, 240];
const FRAMES_PER_SECOND = 20;
const SQUARE = 20;

/** A picture and a sound that need no device. */
export interface TestMedia extends Disposable {
  readonly stream: MediaStream;
}

/** Makes a picture that changes everywhere, as a codec would compress any other to nothing, and a tone nobody hears. */
export function openTestMedia(): TestMedia {
  const canvas = document.createElement("canvas");
  canvas.width = WIDTH;
  canvas.height = HEIGHT;
  const picture = canvas.getContext("2d");
  const draw = () => {
    if (picture === null) return;
    for (let x = 0; x < WIDTH; x += SQUARE) {
      for (let y = 0; y < HEIGHT; y += SQUARE) {
        picture.fillStyle = `hsl(${Math.floor(Math.random() * 360)} 60% 50%)`;
        picture.fillRect(x, y, SQUARE, SQUARE);
      }
    }
  };
  draw();
  const drawing = setInterval(draw, 1_000 / FRAMES_PER_SECOND);
  const context = new AudioContext();
  const sink = context.createMediaStreamDestination();
  const tone = new OscillatorNode(context, { frequency: 440 });
  tone.connect(sink);
  tone.start();
  const stream = canvas.captureStream(FRAMES_PER_SECOND);
  for (const track of sink.stream.getTracks()) stream.addTrack(track);
  return {
    stream,
    [Symbol.dispose]() {
      clearInterval(drawing);
      for (const track of stream.getTracks()) track.stop();
      void context.close();
    },
  };
}
