/** Canonical JSON, in which every value has exactly one form: RFC 8785. */
@NullMarked
package org.amend4j.internal.json;

import org.jspecify.annotations.NullMarked;
