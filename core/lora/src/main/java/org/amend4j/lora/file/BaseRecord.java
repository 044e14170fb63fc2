/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.file;

import java.util.Map;

/**
 * For which base an adapter was made, as amend4j writes it beside the tensors.
 *
 * @param sha256 fingerprint of the base; empty if unknown
 * @param layers fingerprint of each layer of the base, by name; empty if unknown
 */
record BaseRecord(String sha256, Map<String, String> layers) {

    private static final BaseRecord UNKNOWN = new BaseRecord("", Map.of());

    /** What a file says; nothing if it is not amend4j's. */
    static BaseRecord of(AdapterTensors file) throws AdapterFormatException {
        return file.isOurs() ? recorded(file) : UNKNOWN;
    }

    /** What a file of amend4j's must say. */
    static BaseRecord recorded(AdapterTensors file) throws AdapterFormatException {
        String layers = file.recorded("amend4j.base.layers");
        return new BaseRecord(
                file.recorded("amend4j.base.sha256"),
                StrictJson.object(file.path(), "amend4j.base.layers", layers).textMap());
    }
}
