/** amend4j against real models, real data and its peers. */
@NullMarked
package org.amend4j.integration;

import org.jspecify.annotations.NullMarked;
