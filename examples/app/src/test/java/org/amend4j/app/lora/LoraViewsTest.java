/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.lora;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.amend4j.app.evaluation.Answers;
import org.amend4j.app.lora.NetworkMap.Kind;
import org.amend4j.app.lora.NetworkMap.Part;
import org.amend4j.app.lora.NetworkMap.Role;
import org.amend4j.data.Labelled;
import org.amend4j.data.PictureShape;
import org.junit.jupiter.api.Test;

/** Parts of the pages of adapters. */
class LoraViewsTest {

    private static final Comparison.Words WORDS = new Comparison.Words("examples", "one", "another", "the file");

    private static Part part(String name, Role role, long parameters, long trained) {
        return new Part(name, new Kind("Dense", "4 to 8"), role, "", parameters, trained);
    }

    private static int count(String what, String text) {
        return (int)
                Pattern.compile(Pattern.quote(what)).matcher(text).results().count();
    }

    @Test
    void neighboursThatDoNotTrainShareABoxHoweverManyTheyAre() {
        List<Part> parts = new ArrayList<>(IntStream.range(0, 150)
                .mapToObj(i -> part("below-" + i, Role.BELOW, 10, 0))
                .toList());
        parts.add(part("<adapted>", Role.ADAPTED, 100, 8));
        parts.add(part("alone", Role.PASSED, 10, 0));
        parts.add(part("alone too", Role.PASSED, 10, 0));
        parts.add(part("head", Role.IN_FULL, 50, 50));
        String map = new NetworkMap("A map", "all of it", parts).toHtml();
        assertEquals(5, count("<li class=\"box ", map));
        assertTrue(map.contains("<strong>150 layers</strong>"), map);
        assertTrue(map.contains("below-0 to below-149: 150 Dense"), map);
        assertTrue(map.contains("&lt;adapted&gt;") && !map.contains("<adapted>"), map);
        assertTrue(map.contains("8 trained beside 100") && map.contains("50 trained<"), map);
        // the first box has the most, 1,500
        assertTrue(map.contains("width:100.00%") && map.contains("width:0.53%"), map);
    }

    /** Examples with label 0, all of one colour. */
    private static Labelled examples(int size, Optional<PictureShape> pictures) {
        return new Labelled() {
            @Override
            public int size() {
                return size;
            }

            @Override
            public long[] shape() {
                return new long[] {4};
            }

            @Override
            public Optional<PictureShape> pictures() {
                return pictures;
            }

            @Override
            public List<String> classes() {
                return List.of("right <one>", "wrong one");
            }

            @Override
            public int label(int example) {
                return 0;
            }

            @Override
            public void features(int example, float[] into, int offset) {
                java.util.Arrays.fill(into, offset, offset + 4, 2f);
            }
        };
    }

    private static Answers answers(Labelled examples, List<Boolean> right) {
        return Answers.of(examples, 7, batch -> {
            float[] found = new float[2 * batch.length];
            for (int i = 0; i < batch.length; i++) {
                found[2 * i + (right.get(batch[i]) ? 0 : 1)] = 0.75f;
            }
            return found;
        });
    }

    /** 4 of 40 change from right to wrong, 20 become right, 8 stay right, 8 wrong. */
    private static Comparison comparison(Optional<PictureShape> pictures) {
        Labelled examples = examples(40, pictures);
        List<Boolean> before = IntStream.range(0, 40).mapToObj(i -> i < 12).toList();
        List<Boolean> after =
                IntStream.range(0, 40).mapToObj(i -> i >= 4 && i < 32).toList();
        return new Comparison(examples, answers(examples, before), answers(examples, after), WORDS);
    }

    @Test
    void theFirstPicturesOfEveryChangeAreShownAndAllAreCounted() {
        Comparison comparison = comparison(Optional.of(new PictureShape(2, 1, PictureShape.Order.FLAT)));
        assertEquals(new Changes(8, 20, 4, 8), comparison.changes());
        String page = comparison.view().toHtml();
        assertEquals(6 + 3 + 3, count("<img ", page));
        assertTrue(page.contains("Turned right: 20") && page.contains("Still wrong: 8"), page);
        assertTrue(page.contains("right &lt;one&gt;, 75 %"), page);
        assertFalse(page.contains("<one>"), page);
    }

    @Test
    void rowsOfATableAreOnlyCounted() {
        String page = comparison(Optional.empty()).view().toHtml();
        assertEquals(0, count("<img ", page));
        assertTrue(page.contains("<td class=\"better\">20</td>"), page);
    }
}
