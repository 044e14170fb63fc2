/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.onednn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.amend4j.internal.onednn.OneDnn.Search;
import org.bytedeco.javacpp.Loader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which oneDNN is taken, and what people are told about it. */
class OneDnnTest {

    @Test
    void theLibraryThatMavenBringsIsTakenAndNamed() {
        assumeTrue(Loader.getPlatform().equals("linux-x86_64"), "only there it is brought");
        assertTrue(
                Search.of("").sentence().matches("oneDNN 3\\.11\\.\\d+ \\(.+\\) from org\\.bytedeco:dnnl"),
                OneDnn::sentence);
    }

    @Test
    void theSystemsIsTakenFirstWhereItIsWanted() {
        assumeTrue(Loader.getPlatform().equals("linux-x86_64"), "elsewhere there may be none");
        String sentence = Search.of("system").sentence();
        assertTrue(
                sentence.contains(" from the system's libdnnl.so.3") || sentence.endsWith(" from org.bytedeco:dnnl"),
                sentence);
    }

    @Test
    void offIsOff() {
        assertEquals("switched off by -Damend4j.onednn=off", Search.of("off").sentence());
    }

    @ParameterizedTest
    @ValueSource(strings = {"/nowhere/libdnnl.so.3", "on", "OFF", " "})
    void aFileThatCannotBeLoadedIsNamed(String file) {
        assertEquals(
                "-Damend4j.onednn=" + file + " names no oneDNN that can be loaded",
                Search.of(file).sentence());
    }
}
