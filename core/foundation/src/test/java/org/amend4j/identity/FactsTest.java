/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.identity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.amend4j.objective.Precision;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FactsTest {

    private static final Identified OLD = () -> Facts.of("Old").with("a", 1);
    private static final Identified GROWN =
            () -> Facts.of("Grown").with("a", 1).since(2).with("b", 0.5);

    @Test
    void fieldsAreWrittenInTheirOrder() {
        assertEquals("Nothing[]", Facts.of("Nothing").text());
        assertEquals(
                "Kind[number=0.1, integer=3, yes=true, text=x, constant=DOUBLE, numbers=[1.0, -0.0], integers=[4, 5]]",
                Facts.of("Kind")
                        .with("number", 0.1)
                        .with("integer", 3)
                        .with("yes", true)
                        .with("text", "x")
                        .with("constant", Precision.DOUBLE)
                        .with("numbers", new double[] {1, -0.0})
                        .with("integers", LongStream.of(4, 5))
                        .text());
        assertEquals(
                "Kind[a=1, fitted]",
                Facts.of("Kind")
                        .with("a", 1)
                        .withIf(true, "fitted")
                        .withIf(false, "not")
                        .text());
        assertEquals(
                "Counts[2, 3]", Facts.of("Counts").withEach(IntStream.of(2, 3)).text());
    }

    @Test
    void configurationsInsideAreWrittenWithTheirFacts() {
        assertEquals(
                "Kind[one=Old[a=1], some=[Old[a=1], Old[a=1]], none=[], maybe=Optional[Old[a=1]], not=Optional.empty]",
                Facts.of("Kind")
                        .with("one", OLD)
                        .with("some", List.of(OLD, OLD))
                        .with("none", List.<Identified>of())
                        .with("maybe", Optional.of(OLD))
                        .with("not", Optional.<Identified>empty())
                        .text());
        assertEquals("Parts[Old[a=1]]", Facts.of("Parts").withEach(List.of(OLD)).text());
    }

    @Test
    void whatWasAddedLaterIsNotInTheFirstText() {
        assertEquals("Grown/2[a=1, b=0.5]", GROWN.facts().text());
        assertEquals("Grown[a=1]", GROWN.facts().first());
        Facts around = Facts.of("Around")
                .with("one", GROWN)
                .with("some", List.of(GROWN))
                .with("maybe", Optional.of(GROWN))
                .withEach(List.of(GROWN));
        assertEquals(
                "Around[one=Grown/2[a=1, b=0.5], some=[Grown/2[a=1, b=0.5]], maybe=Optional[Grown/2[a=1, b=0.5]],"
                        + " Grown/2[a=1, b=0.5]]",
                around.text());
        assertEquals(
                "Around[one=Grown[a=1], some=[Grown[a=1]], maybe=Optional[Grown[a=1]], Grown[a=1]]", around.first());
        assertThrows(IllegalArgumentException.class, () -> around.since(1));
    }

    @Test
    void aSentenceStandsAlone() {
        assertEquals("all of it", Facts.sentence("all of it").text());
        Facts grown = Facts.sentence("all of it").since(2).with("digest", "0a");
        assertEquals("all of it/2[digest=0a]", grown.text());
        assertEquals("all of it", grown.first());
    }

    @Test
    void whatMayBeAbsentSaysSo() {
        assertEquals("OptionalDouble[0.5]", Facts.text(OptionalDouble.of(0.5)));
        assertEquals("OptionalDouble.empty", Facts.text(OptionalDouble.empty()));
        assertEquals("OptionalInt[5]", Facts.text(OptionalInt.of(5)));
        assertEquals("OptionalInt.empty", Facts.text(OptionalInt.empty()));
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.1, 1e-300, Double.MIN_VALUE, 1 / 3.0, 0x1.fffffffffffffp3, 1e22, -0.0, Double.MAX_VALUE})
    void numbersComeBackToTheirBits(double number) {
        assertEquals(
                Double.doubleToRawLongBits(number), Double.doubleToRawLongBits(Double.parseDouble(Facts.text(number))));
    }

    @Test
    void namesThatUsersGiveCannotBeMistaken() {
        assertEquals("poly-2", Facts.requireName("the name", "poly-2"));
        for (String name : List.of("", "a, b=c", "a]", "a b")) {
            assertThrows(IllegalArgumentException.class, () -> Facts.requireName("the name", name));
        }
    }
}
