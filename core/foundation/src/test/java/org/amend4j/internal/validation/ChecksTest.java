/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.validation;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ChecksTest {

    @Test
    void namesAreGivenNotEmptyAndValidUnicode() {
        assertEquals("a", Checks.name("the name", "a"));
        refused("the name must be given", () -> Checks.name("the name", null));
        refused("the name must not be empty", () -> Checks.name("the name", ""));
        refused("the name must be valid Unicode, got an unpaired surrogate", () -> Checks.name("the name", "a\ud83d"));
        assertEquals("\ud83d\ude00", Checks.name("the name", "\ud83d\ude00"));
    }

    @Test
    void listsOfNamesAreCopiedAndNameNothingTwice() {
        List<String> given = new ArrayList<>(List.of("b", "a"));
        List<String> names = Checks.names("layers", given);
        given.clear();
        assertEquals(List.of("b", "a"), names);
        refused("layers names 'a' twice", () -> Checks.names("layers", List.of("a", "a")));
        refused("an entry of layers must not be empty", () -> Checks.names("layers", List.of("")));
        refused("layers must be given", () -> Checks.names("layers", null));
    }

    @Test
    void mapsKeepTheirOrderAndDoNotChange() {
        Map<String, Integer> given = new LinkedHashMap<>();
        given.put("b", 1);
        given.put("a", 2);
        Map<String, Integer> map = Checks.ordered("ranks", given);
        given.clear();
        assertEquals(List.of("b", "a"), List.copyOf(map.keySet()));
        assertThrows(UnsupportedOperationException.class, map::clear);
        refused("a key of ranks must not be empty", () -> Checks.ordered("ranks", Map.of("", 1)));
    }

    @Test
    void sharesAreBelowOne() {
        assertEquals(0, Checks.belowOne("dropout", 0));
        refused("dropout must be in [0, 1), got 1.0", () -> Checks.belowOne("dropout", 1));
        refused("dropout must be in [0, 1), got NaN", () -> Checks.belowOne("dropout", Double.NaN));
    }

    @Test
    void messagesShowTwentyNames() {
        assertEquals("none", Checks.listed(List.of()));
        assertEquals("'a', 'b'", Checks.listed(List.of("a", "b")));
        List<String> many = IntStream.range(0, 23).mapToObj(Integer::toString).toList();
        assertEquals(
                " and 3 more",
                Checks.listed(many).substring(Checks.listed(many.subList(0, 20)).length()));
    }
}
