// Audio: from a microphone or a tone to frames of 20 ms, and its level.

const RATE = 16000;
const SAMPLES = RATE / 50; // 640 bytes
const FLOOR = -60; // the left end of the meter, in dB

// Runs beside the page: gathers samples into frames of 16 bits, little-endian like all browsers.
const WORKLET = `
registerProcessor('frames', class extends AudioWorkletProcessor {
  frame = new Int16Array(${SAMPLES});
  filled = 0;
  process([[channel = []]]) {
    for (const sample of channel) {
      this.frame[this.filled++] = Math.round(Math.max(-1, Math.min(1, sample)) * 32767);
      if (this.filled < ${SAMPLES}) continue;
      this.port.postMessage(this.frame.buffer, [this.frame.buffer]);
      this.frame = new Int16Array(${SAMPLES});
      this.filled = 0;
    }
    return true;
  }
});`;

const amplitude = (decibel) => 10 ** (decibel / 20);

class Source {
  /** Opens a tone or the microphone, and gives each frame to `take` until it is stopped. */
  static async open(kind, take) {
    const source = new Source();
    try {
      await source.start(kind, take);
    } catch (error) {
      source.stop();
      throw error;
    }
    return source;
  }

  async start(kind, take) {
    this.context = new AudioContext({ sampleRate: RATE });
    const url = URL.createObjectURL(new Blob([WORKLET], { type: 'text/javascript' }));
    await this.context.audioWorklet.addModule(url).finally(() => URL.revokeObjectURL(url));
    const input = kind === 'tone' ? this.tone() : await this.microphone();
    const frames = new AudioWorkletNode(this.context, 'frames', {
      channelCount: 1, channelCountMode: 'explicit', outputChannelCount: [1],
    });
    frames.port.onmessage = ({ data }) => this.context && take(data);
    // Its output is silence: it is connected only so that it runs.
    input.connect(frames).connect(this.context.destination);
    await this.context.resume();
  }

  tone() {
    this.oscillator = new OscillatorNode(this.context);
    this.gain = new GainNode(this.context);
    this.oscillator.start();
    return this.oscillator.connect(this.gain);
  }

  /** A change glides for some milliseconds, so that it does not click. */
  tune(frequency, volume, glide = 0.01) {
    if (!this.oscillator) return;
    const now = this.context.currentTime;
    this.oscillator.frequency.setTargetAtTime(frequency, now, glide);
    this.gain.gain.setTargetAtTime(amplitude(volume), now, glide);
  }

  async microphone() {
    const processing = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
    this.stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1, ...processing } });
    return this.context.createMediaStreamSource(this.stream);
  }

  stop() {
    this.stream?.getTracks().forEach((track) => track.stop());
    this.context?.close();
    this.context = null;
  }
}

// The level of the last 100 ms sent, computed as the server does.
class Level {
  frames = [];

  add(samples) {
    let squares = 0, peak = 0;
    for (const sample of samples) {
      squares += sample * sample;
      peak = Math.max(peak, Math.abs(sample));
    }
    this.frames.push({ squares, peak });
    if (this.frames.length < 5) return null;
    const sum = this.frames.reduce((sum, frame) => sum + frame.squares, 0);
    const top = Math.max(...this.frames.map((frame) => frame.peak));
    const decibel = (value) => Math.max(-96, 20 * Math.log10(value / 32768));
    this.frames = [];
    return { rms: decibel(Math.sqrt(sum / (5 * SAMPLES))), peak: decibel(top) };
  }
}

// Two bars on a scale of decibels; they fall more slowly than they rise, so that an eye can follow.
class Meter {
  bars = [{ rms: -96, peak: -96 }, { rms: -96, peak: -96 }];
  shown = [{ rms: -96, peak: -96 }, { rms: -96, peak: -96 }];

  constructor(canvas) {
    this.canvas = canvas;
    new ResizeObserver(() => this.wake()).observe(canvas);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.wake());
  }

  set(bar, level) {
    this.bars[bar] = level ?? { rms: -96, peak: -96 };
    this.wake();
  }

  wake() {
    this.frame ??= requestAnimationFrame(() => this.draw());
  }

  draw() {
    this.frame = null;
    let moves = false;
    this.shown = this.shown.map((shown, index) => {
      const fall = (from, to) => (to >= from ? to : Math.max(to, from - 1.5));
      const next = { rms: fall(shown.rms, this.bars[index].rms), peak: fall(shown.peak, this.bars[index].peak) };
      moves ||= next.rms !== this.bars[index].rms || next.peak !== this.bars[index].peak;
      return next;
    });
    this.paint();
    if (moves) this.wake();
  }

  paint() {
    const { canvas } = this, scale = devicePixelRatio;
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    [canvas.width, canvas.height] = [width * scale, height * scale];
    const style = getComputedStyle(canvas), color = (name) => style.getPropertyValue(name);
    const context = canvas.getContext('2d');
    context.scale(scale, scale);
    const at = (decibel) => Math.round(((Math.max(FLOOR, decibel) - FLOOR) / -FLOOR) * width);
    this.shown.forEach(({ rms, peak }, index) => {
      const top = 5 + index * 22;
      context.fillStyle = color('--wash');
      context.fillRect(0, top, width, 12);
      context.fillStyle = color(index ? '--server' : '--page');
      context.fillRect(0, top, at(rms), 12);
      if (peak > FLOOR) context.fillRect(Math.max(0, at(peak) - 2), top, 2, 12);
    });
    context.fillStyle = color('--quiet');
    context.font = '10px system-ui, sans-serif';
    for (let decibel = FLOOR; decibel <= 0; decibel += 12) {
      context.globalAlpha = 0.5;
      context.fillRect(Math.min(at(decibel), width - 1), 42, 1, 3);
      context.globalAlpha = 1;
      context.textAlign = decibel === FLOOR ? 'left' : decibel === 0 ? 'right' : 'center';
      context.fillText(String(decibel).replace('-', '−'), at(decibel), 56);
    }
  }
}
