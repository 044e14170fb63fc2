/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.json;

import com.fasterxml.jackson.databind.JsonMappingException;
import org.amend4j.internal.text.Shown;

/** A name that a record does not have. */
final class UnknownNameException extends JsonMappingException {

    private static final long serialVersionUID = 1;

    UnknownNameException(String name) {
        super(null, "unknown name " + Shown.quoted(name));
    }
}
