/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.amend4j.lora.file.AdapterFile;
import org.amend4j.lora.file.AdapterFormatException;
import org.amend4j.lora.file.AdapterSummary;
import org.amend4j.testkit.NeedsPeers;
import org.amend4j.testkit.Peers;
import org.amend4j.testkit.TinyAdapter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said of every kind of adapter that PEFT has, held against PEFT. */
@NeedsPeers
class PeftTypesPeerTest {

    @TempDir
    Path folder;

    @Test
    void the_sentence_that_refuses_a_kind_says_to_merge_it_in_peft_exactly_where_peft_merges_it()
            throws IOException, InterruptedException {
        Peers.run(PeftTypesPeerTest.class, "hugging_face_peer.py", folder, "types", folder.toString());
        JsonNode there =
                new ObjectMapper().readTree(folder.resolve("theirs/types.json").toFile());
        assertTrue(there.path("LORA").booleanValue());
        assertTrue(there.size() > 40, there.toString());
        List<String> otherwise = new ArrayList<>();
        for (Map.Entry<String, JsonNode> kind : there.properties()) {
            if (!kind.getKey().equals("LORA")) {
                String sentence = refusal(kind.getKey());
                String expected = kind.getValue().booleanValue()
                        ? ": merge the adapter in PEFT (merge_and_unload)"
                        : "and PEFT does not merge it either";
                if (!sentence.contains(expected)) {
                    otherwise.add(sentence);
                }
            }
        }
        assertEquals(List.of(), otherwise);
    }

    private String refusal(String kind) throws IOException {
        Path adapter = new TinyAdapter(1, 2, 16).on("q", 4, 4).write(folder.resolve("adapter"));
        Path config = adapter.resolve(AdapterFile.CONFIG);
        Files.writeString(config, Files.readString(config).replace("\"LORA\"", "\"" + kind + "\""));
        return String.valueOf(assertThrows(AdapterFormatException.class, () -> AdapterSummary.read(adapter))
                .getMessage());
    }
}
