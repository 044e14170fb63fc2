/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * A released model beside the retrained one.
 *
 * @param released SHA-256 of what was released
 * @param retrained of the retrained model, written alike
 */
public record SameBytes(
        @JsonProperty("releasedSha256") String released,
        @JsonProperty("retrainedSha256") String retrained) {

    /** @throws IllegalStateException if they differ */
    public SameBytes {
        if (!released.equals(retrained)) {
            throw new IllegalStateException(
                    "an exact rewind must end at the retrained bytes, got " + released + " for " + retrained);
        }
    }
}
