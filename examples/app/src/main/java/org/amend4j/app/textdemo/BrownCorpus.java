/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.textdemo;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;
import org.amend4j.app.text.TextTable;
import org.amend4j.app.text.Texts;
import org.amend4j.data.Subset;

/**
 * The Brown corpus: 500 American texts of 1961, each of about 2,000 words by another author or paper, in 15 categories; {@code README.md}
 * next to the file says where it is from.
 *
 * @param texts in the corpus's order
 */
public record BrownCorpus(List<Text> texts) {

    private static final String FILE = "/org/amend4j/app/brown/brown.tsv.gz";

    /** A passage is as many whole sentences as it takes to have so many words: about what the encoder reads of it. */
    private static final int WORDS = 48;

    /** One text. */
    public record Text(String category, List<String> sentences) {

        /** Passages from all over the text, at equal distances. */
        List<String> passages(int count) {
            List<String> all = new ArrayList<>();
            StringBuilder passage = new StringBuilder();
            int words = 0;
            for (String sentence : sentences) {
                passage.append(passage.isEmpty() ? "" : " ").append(sentence);
                words += sentence.split(" ", -1).length;
                if (words >= WORDS) {
                    all.add(passage.toString());
                    passage.setLength(0);
                    words = 0;
                }
            }
            int most = Math.min(count, all.size());
            return IntStream.range(0, most)
                    .mapToObj(k -> all.get((int) ((long) k * all.size() / most)))
                    .toList();
        }
    }

    /** Passages to learn from, and those of other texts to test with. */
    public record Split(TextTable training, TextTable test) {}

    /** Reads it from the class path. */
    public static BrownCorpus read() {
        try (InputStream packed = Objects.requireNonNull(BrownCorpus.class.getResourceAsStream(FILE), FILE);
                InputStream in = new GZIPInputStream(packed)) {
            return of(Texts.read(in, FILE));
        } catch (IOException damaged) {
            throw new UncheckedIOException(FILE, damaged);
        }
    }

    /** @param table file, category and sentence in each line but the first */
    static BrownCorpus of(String table) {
        Map<String, Text> texts = new LinkedHashMap<>();
        table.lines().skip(1).filter(line -> !line.isEmpty()).forEach(line -> {
            String[] cells = line.split("\t", -1);
            texts.computeIfAbsent(cells[0], file -> new Text(cells[1], new ArrayList<>()))
                    .sentences()
                    .add(cells[2]);
        });
        return new BrownCorpus(List.copyOf(texts.values()));
    }

    /** The categories, in the order of their names. */
    public List<String> categories() {
        return texts.stream().map(Text::category).distinct().sorted().toList();
    }

    /**
     * Passages of all texts. Whole texts are tested on, a fifth of each category: sentences of one text have its author and its subject in
     * common, and who finds them again has not learned its category.
     *
     * @param perText passages of each
     */
    public Split split(int perText, long seed) {
        Map<String, List<Text>> byCategory = new TreeMap<>();
        texts.forEach(text -> byCategory
                .computeIfAbsent(text.category(), name -> new ArrayList<>())
                .add(text));
        List<TextTable.Row> training = new ArrayList<>();
        List<TextTable.Row> test = new ArrayList<>();
        for (List<Text> some : byCategory.values()) {
            int[] order = Subset.order(some.size(), seed);
            int held = Math.max(1, some.size() / 5);
            for (int k = 0; k < order.length; k++) {
                Text text = some.get(order[k]);
                List<TextTable.Row> rows = k < held ? test : training;
                text.passages(perText)
                        .forEach(passage -> rows.add(new TextTable.Row(0, text.category(), List.of(passage))));
            }
        }
        return new Split(new TextTable(training), new TextTable(test));
    }
}
