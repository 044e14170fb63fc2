/**
 * How adapters start: their first factors from a weight, the inputs of its layer or its gradient, as pure functions; and
 * adapters that started on a changed base as plain ones.
 */
@NullMarked
package org.amend4j.internal.lora.init;

import org.jspecify.annotations.NullMarked;
