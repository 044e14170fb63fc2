/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

class AdapterInitTest {

    private static final List<AdapterInit> ALL = List.of(
            AdapterInit.DEFAULT,
            AdapterInit.GAUSSIAN,
            AdapterInit.RANDOM,
            AdapterInit.ORTHOGONAL,
            AdapterInit.PISSA,
            AdapterInit.pissaNiter(0),
            AdapterInit.pissaNiter(16),
            AdapterInit.OLORA,
            AdapterInit.EVA,
            AdapterInit.CORDA,
            AdapterInit.LORA_GA);

    @Test
    void everyStartIsFoundByItsNameInFilesAndByPeftS() {
        for (AdapterInit init : ALL) {
            assertEquals(init, AdapterInit.named(init.name()));
            assertEquals(init, AdapterInit.named(init.name().toLowerCase(Locale.ROOT)));
        }
        assertEquals(AdapterInit.DEFAULT, AdapterInit.named("true"));
        assertEquals(AdapterInit.RANDOM, AdapterInit.named("False"));
    }

    @Test
    void theNamesOfEarlierReleasesStay() {
        assertEquals("DEFAULT", AdapterInit.DEFAULT.name());
        assertEquals("GAUSSIAN", AdapterInit.GAUSSIAN.name());
        assertEquals("PISSA_NITER_4", AdapterInit.pissaNiter(4).name());
    }

    @Test
    void whatIsNoStartIsRefusedWithTheNames() {
        for (String name : List.of("pisa", "pissa_niter", "pissa_niter_-1", "pissa_niter_99999999999", "")) {
            assertEquals(
                    "the start of adapters must be one of default, gaussian, random, orthogonal, pissa, pissa_niter_4,"
                            + " olora, eva, corda, lora_ga, got '" + name + "'",
                    assertThrows(IllegalArgumentException.class, () -> AdapterInit.named(name))
                            .getMessage());
        }
        assertThrows(IllegalArgumentException.class, () -> AdapterInit.pissaNiter(-1));
        assertThrows(IllegalArgumentException.class, () -> new AdapterInit(AdapterInit.Kind.PISSA, 4));
    }
}
