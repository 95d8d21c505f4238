// The yardstick of bench_tokenizer: how fast Hugging Face's own tokenizer encodes, on one thread.
//   npm install tokenizers && RAYON_NUM_THREADS=1 node tokenizer_reference.js FOLDER FILE...
const fs = require('fs');
const { Tokenizer } = require('tokenizers');

async function measure(tokenizer, file, how, texts, bytes) {
  let best = Infinity, tokens = 0;
  for (let i = 0; i < 7; i++) {
    const begin = process.hrtime.bigint();
    const encodings = await tokenizer.encodeBatch(texts);
    best = Math.min(best, Number(process.hrtime.bigint() - begin) / 1e9);
    tokens = encodings.reduce((sum, e) => sum + e.getLength(), 0);
  }
  console.log(`${file} ${how} ${tokens} tokens ${(bytes / 1e6 / best).toFixed(2)} MB/s`);
}

(async () => {
  const [folder, ...files] = process.argv.slice(2);
  const tokenizer = Tokenizer.fromFile(folder + '/tokenizer.json');
  for (const file of files) {
    const text = fs.readFileSync(file, 'utf8'), bytes = Buffer.byteLength(text);
    await measure(tokenizer, file, 'whole', [text], bytes);
    await measure(tokenizer, file, 'lines', text.split('\n').filter((l) => l), bytes);
  }
})();
