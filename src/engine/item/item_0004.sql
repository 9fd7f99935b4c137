ALTER TABLE item_material ADD COLUMN owner BIGINT NOT NULL DEFAULT 0;
ALTER TABLE item_material ADD COLUMN kind TEXT NOT NULL DEFAULT '';
ALTER TABLE item_material ADD COLUMN origin TEXT NOT NULL DEFAULT '';
CREATE INDEX item_material_kind ON item_material (home, owner, kind, id);
CREATE INDEX item_material_owner ON item_material (home, owner, id);
