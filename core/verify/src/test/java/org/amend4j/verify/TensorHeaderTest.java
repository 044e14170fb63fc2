/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.amend4j.verify.TensorHeader.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TensorHeaderTest {

    private static List<Tensor> read(String header) throws IOException {
        return TensorHeader.read(header.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void namesTypesAndPlacesAreReadInAnyOrderAndWithBlanks() throws IOException {
        assertEquals(
                List.of(new Tensor("b", "F64", 0, 8), new Tensor("a", "F32", 8, 12)),
                read(
                        "{ \"b\" : {\"shape\":[1], \"data_offsets\":[0, 8],\n\"dtype\":\"F64\"},"
                                + "\"__metadata__\":{\"x\":\"}\\\"\"},\"a\":{\"dtype\":\"F32\",\"data_offsets\":[8,12],\"shape\":[]}}  "));
        assertEquals(List.of(), read("{}"));
    }

    @Test
    void whatAHeaderDoesNotSayIsOutsideOfEveryFile() throws IOException {
        assertEquals(List.of(new Tensor("a", "", -1, -1)), read("{\"a\":{}}"));
        assertEquals(List.of(new Tensor("a", "", -1, -1)), read("{\"a\":{\"data_offsets\":[1,2,3]}}"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "[]",
                "{}x",
                "{\"a\"}",
                "{\"a\":1}",
                "{\"a\":{\"dtype\":1}}",
                "{\"a\":{\"data_offsets\":[0,1.5]}}",
                "{\"a\":{\"data_offsets\":[0,9999999999999999999]}}",
                "{\"a\":{\"data_offsets\":[0,]}}",
                "{\"a\":{\"data_offsets\":[-]}}",
                "{\"a\":{},}",
                "{\"a\":{\"x\":true}}",
                "{\"a",
                "{\"a\\",
                "{\"a\":{\"x\":[[[[[[[[[[[[1]]]]]]]]]]]]}}"
            })
    void anythingElseIsDamaged(String header) {
        IOException refused = assertThrows(IOException.class, () -> read(header));
        assertTrue(String.valueOf(refused.getMessage()).startsWith("the header of the adapter's tensors is damaged"));
    }
}
