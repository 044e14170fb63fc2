/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.textdemo;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.amend4j.app.compute.Compute;
import org.amend4j.app.job.Progress;
import org.amend4j.app.job.Report;
import org.amend4j.app.page.OpenPages;
import org.amend4j.app.text.Novels;
import org.amend4j.app.text.TextRecord;
import org.amend4j.app.text.TextTable;
import org.amend4j.data.BadInputException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The text demo: its data, and all of it on little of them. */
class TextDemoTest {

    @TempDir
    private Path folder;

    private static final BrownCorpus BROWN = BrownCorpus.read();

    @Test
    void the_corpus_has_500_texts_in_15_categories() {
        assertEquals(500, BROWN.texts().size());
        assertEquals(15, BROWN.categories().size());
        assertEquals(
                57_340,
                BROWN.texts().stream().mapToInt(text -> text.sentences().size()).sum());
    }

    @Test
    void passages_that_are_tested_on_are_of_texts_that_nobody_learned_from() {
        BrownCorpus.Split split = BROWN.split(3, 1);
        assertEquals(1500, split.training().rows().size() + split.test().rows().size());
        Set<String> learned = sentences(split.training());
        for (BrownCorpus.Text text : BROWN.texts()) {
            List<String> passages = text.passages(3);
            long there = passages.stream().filter(learned::contains).count();
            assertTrue(there == 0 || there == 3, "of a text with " + passages.get(0));
        }
        assertEquals(BROWN.categories().size(), labels(split.test()).size());
        assertEquals(sentences(split.test()), sentences(BROWN.split(3, 1).test()));
    }

    private static Set<String> sentences(TextTable table) {
        Set<String> texts = new HashSet<>();
        table.rows().forEach(row -> texts.addAll(row.texts()));
        return texts;
    }

    private static Set<String> labels(TextTable table) {
        Set<String> labels = new HashSet<>();
        table.rows().forEach(row -> labels.add(row.label()));
        return labels;
    }

    @Test
    void a_base_of_an_earlier_run_is_taken_if_it_is_what_this_version_writes() throws IOException {
        Path austen = TextDemoFiles.decoder(folder);
        BaseModels.writeAusten(austen);
        BaseModels.writeAusten(austen);
        Path weights = austen.resolve("model.safetensors");
        byte[] changed = Files.readAllBytes(weights);
        changed[changed.length - 1] ^= 1;
        Files.write(weights, changed);
        refused(
                BadInputException.class,
                "austen is there, but not as this version writes it (model.safetensors differs)",
                () -> BaseModels.writeAusten(austen));
    }

    /** Two categories that a few texts tell apart, and the first chapters of novels. */
    @Test
    @Tag("exhaustive")
    void all_of_it_leaves_models_adapters_and_numbers() throws IOException {
        BrownCorpus two = new BrownCorpus(List.of("government", "romance").stream()
                .flatMap(category -> BROWN.texts().stream()
                        .filter(text -> text.category().equals(category))
                        .limit(10))
                .toList());
        Progress quiet = Progress.to(new PrintWriter(Writer.nullWriter()));
        try (Compute compute = Compute.cpu(quiet)) {
            CategoryTask categories =
                    new CategoryTask(folder, two, new CategoryTask.Extent(4, 20, 1, 1), 1, compute, quiet);
            AuthorTask.Readings readings = new AuthorTask.Readings(
                    Novels.mobyDick().substring(0, 60_000),
                    List.of(Novels.austen().get(0).substring(0, 60_000)),
                    1);
            AuthorTask author = new AuthorTask(folder, readings, 1, compute, quiet);
            Report report = TextDemo.run(folder, categories, author, 1);
            JsonNode facts = report.tree();
            assertEquals(3, facts.path("methods").size());
            double head = facts.at("/methods/0/testAccuracy").asDouble();
            assertTrue(head >= 0.75, "of 16 passages of 4 texts: " + head);
            assertTrue(facts.at("/methods/1/trainableParameters").asInt()
                    < facts.at("/methods/2/trainableParameters").asInt());
            double before = facts.at("/author/base/melville").asDouble();
            double after = facts.at("/author/adapted/melville").asDouble();
            assertTrue(after < before, before + " became " + after);
            assertEquals(3, facts.at("/author/continuations").size());
            OpenPages.opens(report, "text demo");
        }
        for (String file : List.of("chart.png", "categories.svg", "author.svg", "report.json")) {
            assertTrue(Files.exists(folder.resolve(file)), file);
        }
        BaseModels.writeMiniLm(TextDemoFiles.encoder(folder)); // that it is what would be written
        assertEquals(
                List.of("government", "romance"),
                TextRecord.read(TextDemoFiles.categories(folder).adapter())
                        .orElseThrow()
                        .classes());
    }
}
