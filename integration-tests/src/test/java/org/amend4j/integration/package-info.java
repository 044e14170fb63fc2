/** Real models and real data, end to end. */
@NullMarked
package org.amend4j.integration;

import org.jspecify.annotations.NullMarked;
