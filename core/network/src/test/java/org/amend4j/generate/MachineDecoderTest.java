/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.generate;

import static org.amend4j.generate.Decoding.decoder;
import static org.amend4j.generate.Decoding.naive;
import static org.amend4j.generate.Decoding.tokens;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.amend4j.machine.Machine;
import org.amend4j.machine.ProductPrecision;
import org.amend4j.testkit.LawMachines;
import org.amend4j.testkit.TinyCheckpoint;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A decoder on a machine computes what papers say, as the host's does, with texts of any lengths side by side. */
class MachineDecoderTest {

    @TempDir
    Path directory;

    private Machine machine = LawMachines.plain();

    @BeforeEach
    void nothingIsLeftOfOthers() {
        assertEquals(0, machine.bytesInUse());
    }

    @AfterEach
    void everythingIsGivenBack() {
        assertEquals(0, machine.bytesInUse());
        machine.close();
    }

    private MachineDecoder on(Decoder decoder) {
        return new MachineDecoder(machine, decoder, ProductPrecision.FP32);
    }

    /** A prompt and then token by token: each step's logits are those of the whole text without a cache. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("org.amend4j.generate.DecoderTest#variants")
    void steps_are_the_forward_pass_of_the_whole_text(DecoderTest.Variant variant) {
        TinyCheckpoint tiny = variant.tiny();
        int[] all = tokens(5, 15, tiny.integer("vocab_size"));
        double[][] expected = naive(tiny, all);
        try (MachineDecoder decoder = on(decoder(tiny, directory))) {
            MachineText text = decoder.begin(Optional.empty());
            List<float[]> logits = new ArrayList<>();
            logits.add(decoder.append(text, Arrays.copyOf(all, 6)));
            for (int at = 6; at < all.length; at++) {
                logits.add(decoder.append(text, all[at]));
            }
            assertEquals(all.length, text.length());
            Decoding.assertNear(Arrays.copyOfRange(expected, 5, all.length), logits);
        }
    }
}
