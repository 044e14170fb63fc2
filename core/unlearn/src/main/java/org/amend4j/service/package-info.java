/** A model that forgets on request: its folder, the order in which things reach the disk, its releases. */
@NullMarked
package org.amend4j.service;

import org.jspecify.annotations.NullMarked;
