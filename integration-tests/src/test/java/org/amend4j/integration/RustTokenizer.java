/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.integration;

import ai.djl.huggingface.tokenizers.jni.CharSpan;
import ai.djl.huggingface.tokenizers.jni.LibUtils;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.amend4j.text.Encoding;

/** Hugging Face's own library, as DJL brings it: what a {@code tokenizer.json} means. */
final class RustTokenizer implements AutoCloseable {

    static {
        setIfAbsent("RUST_FLAVOR", "cpu");
        setIfAbsent("ai.djl.offline", "true");
        setIfAbsent("OPT_OUT_TRACKING", "true");
        setIfAbsent(
                "DJL_CACHE_DIR",
                Path.of(System.getProperty("java.io.tmpdir"), "amend4j-djl").toString());
        LibUtils.checkStatus();
    }

    private static final TokenizersLibrary LIBRARY = TokenizersLibrary.LIB;

    private final long handle;

    RustTokenizer(String json) {
        handle = LIBRARY.createTokenizerFromString(json);
    }

    /** Everything about an encoding, a line a token; of a text without halves of pairs. */
    List<String> lines(String text) {
        return lines(LIBRARY.encode(handle, text, true), List.of(text));
    }

    List<String> lines(String first, String second) {
        return lines(LIBRARY.encodeDual(handle, first, second, true), List.of(first, second));
    }

    List<List<String>> batch(List<String> texts) {
        long[] encodings = LIBRARY.batchEncode(handle, texts.toArray(String[]::new), true);
        List<List<String>> batch = new ArrayList<>();
        for (int i = 0; i < encodings.length; i++) {
            batch.add(lines(encodings[i], List.of(texts.get(i))));
        }
        return batch;
    }

    String decoded(int[] ids, boolean skipSpecial) {
        return LIBRARY.decode(handle, Arrays.stream(ids).asLongStream().toArray(), skipSpecial);
    }

    private static List<String> lines(long encoding, List<String> texts) {
        long[] ids = LIBRARY.getTokenIds(encoding);
        long[] types = LIBRARY.getTypeIds(encoding);
        String[] tokens = LIBRARY.getTokens(encoding);
        long[] words = LIBRARY.getWordIds(encoding);
        long[] sequences = LIBRARY.getSequenceIds(encoding);
        long[] attended = LIBRARY.getAttentionMask(encoding);
        long[] special = LIBRARY.getSpecialTokenMask(encoding);
        CharSpan[] spans = LIBRARY.getTokenCharSpans(encoding);
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < ids.length; i++) {
            String text = sequences[i] < 0 ? "" : texts.get((int) sequences[i]);
            lines.add(line(
                    ids[i],
                    types[i],
                    tokens[i],
                    words[i],
                    sequences[i],
                    attended[i],
                    special[i],
                    spans[i] == null || sequences[i] < 0 ? 0 : text.offsetByCodePoints(0, spans[i].getStart()),
                    spans[i] == null || sequences[i] < 0 ? 0 : text.offsetByCodePoints(0, spans[i].getEnd())));
        }
        LIBRARY.deleteEncoding(encoding);
        return lines;
    }

    /** The same of ours. */
    static List<String> lines(Encoding encoding) {
        int[] ids = encoding.ids();
        int[] types = encoding.typeIds();
        int[] attended = encoding.attentionMask();
        int[] special = encoding.specialTokensMask();
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < ids.length; i++) {
            lines.add(line(
                    ids[i],
                    types[i],
                    encoding.tokens().get(i),
                    encoding.word(i).orElse(-1),
                    encoding.text(i).orElse(-1),
                    attended[i],
                    special[i],
                    encoding.begin(i),
                    encoding.end(i)));
        }
        return lines;
    }

    private static String line(
            long id, long type, String token, long word, long text, long attended, long special, int begin, int end) {
        return id + " type " + type + " word " + word + " text " + text + " mask " + attended + special + " [" + begin
                + "," + end + ") " + token;
    }

    private static void setIfAbsent(String name, String value) {
        if (System.getProperty(name) == null && System.getenv(name) == null) {
            System.setProperty(name, value);
        }
    }

    @Override
    public void close() {
        LIBRARY.deleteTokenizer(handle);
    }
}
