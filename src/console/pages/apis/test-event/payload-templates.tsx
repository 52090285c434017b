import {
  ADDITIONAL_PROPERTY_FLAG,
  type ArrayFieldItemTemplateProps,
  type ArrayFieldTemplateProps,
  type CyclicSchemaExpandProps,
  type FieldTemplateProps,
  type MultiSchemaFieldTemplateProps,
  type ObjectFieldTemplateProps,
  type OptionalDataControlsTemplateProps,
  type UnsupportedFieldProps,
} from "@rjsf/utils";
import { Plus, Trash2 } from "lucide-react";
import { type ReactNode, useId } from "react";
import { Button } from "../../../parts/button.tsx";
import fieldStyles from "../../../parts/field.module.css";
import { Note } from "../../../parts/note.tsx";
import styles from "./payload-form.module.css";

/** The ids of what is said about a field, for its control. */
export const describedBy = (id: string): string => `${id}__description ${id}__error`;

function FieldTemplate(props: FieldTemplateProps) {
  const { id, label, displayLabel, required, rawDescription, rawErrors = [], schema, hidden, children } = props;
  if (hidden) return <div hidden>{children}</div>;
  const field = (
    <div className={fieldStyles.field}>
      {displayLabel && (
        <label className={fieldStyles.label} htmlFor={id}>
          {label} {!required && <span className={fieldStyles.optional}>(optional)</span>}
        </label>
      )}
      {children}
      {displayLabel && rawDescription && (
        <span className={fieldStyles.hint} id={`${id}__description`}>
          {rawDescription}
        </span>
      )}
      {rawErrors.length > 0 && (
        <span className={fieldStyles.error} id={`${id}__error`}>
          {rawErrors.join(", ")}
        </span>
      )}
    </div>
  );
  return ADDITIONAL_PROPERTY_FLAG in schema ? <NamedMember {...props}>{field}</NamedMember> : field;
}

/** A member that the schema does not name: its name can be written, and it can go again. */
function NamedMember({
  id,
  label,
  onKeyRenameBlur,
  onRemoveProperty,
  children,
}: FieldTemplateProps & { children: ReactNode }) {
  return (
    <div className={styles.member}>
      <div className={fieldStyles.field}>
        <label className={fieldStyles.label} htmlFor={`${id}-key`}>
          Name
        </label>
        <input className={fieldStyles.control} id={`${id}-key`} defaultValue={label} onBlur={onKeyRenameBlur} />
      </div>
      {children}
      <RemoveButton what={label} onClick={onRemoveProperty} />
    </div>
  );
}

const RemoveButton = ({ what, onClick }: { what: string; onClick(): void }) => (
  <Button size="small" tone="quiet" isIcon aria-label={`Remove ${what}`} onClick={onClick}>
    <Trash2 aria-hidden="true" />
  </Button>
);

const AddButton = ({ what, onClick }: { what: string; onClick(): void }) => (
  <div>
    <Button size="small" onClick={onClick}>
      <Plus aria-hidden="true" />
      {what}
    </Button>
  </div>
);

type GroupProps = { title: string; description?: ReactNode; control?: ReactNode; children: ReactNode };

/** A heading that is no heading: the members below it are a group of fields. */
function Group({ title, description, control, children }: GroupProps) {
  const id = useId();
  return (
    <fieldset className={styles.group} aria-labelledby={id}>
      <legend>
        <span id={id}>{title}</span>
        {control}
      </legend>
      {description && <p className={fieldStyles.hint}>{description}</p>}
      {children}
    </fieldset>
  );
}

function ObjectTemplate(props: ObjectFieldTemplateProps) {
  const { title, description, properties, fieldPathId, schema, optionalDataControl, onAddProperty } = props;
  const members = (
    <>
      {properties.map(({ content }) => content)}
      {schema.additionalProperties && <AddButton what="Add a member" onClick={onAddProperty} />}
    </>
  );
  if (fieldPathId.path.length === 0) return <div className={styles.fields}>{members}</div>;
  return (
    <Group title={title} description={description} control={optionalDataControl}>
      {members}
    </Group>
  );
}

const ArrayTemplate = ({ title, schema, items, canAdd, onAddClick, optionalDataControl }: ArrayFieldTemplateProps) => (
  <Group title={title} description={schema.description} control={optionalDataControl}>
    {items}
    {canAdd && <AddButton what="Add an item" onClick={() => onAddClick()} />}
  </Group>
);

const ItemTemplate = ({ children, index, buttonsProps: { hasRemove, onRemoveItem } }: ArrayFieldItemTemplateProps) => (
  <div className={styles.item}>
    <div>{children}</div>
    {hasRemove && <RemoveButton what={`item ${index + 1}`} onClick={() => onRemoveItem()} />}
  </div>
);

const ChoiceTemplate = ({ selector, optionSchemaField }: MultiSchemaFieldTemplateProps) => (
  <div className={styles.fields}>
    {selector}
    {optionSchemaField}
  </div>
);

/** What need not be there: a button that adds it, or takes it away again. */
function OptionalTemplate({ label, onAddClick, onRemoveClick }: OptionalDataControlsTemplateProps) {
  if (onAddClick) return <AddButton what="Add" onClick={() => onAddClick()} />;
  if (onRemoveClick)
    return (
      <Button size="small" tone="quiet" onClick={() => onRemoveClick()}>
        Leave it out
      </Button>
    );
  return <em>{label}</em>;
}

const CycleTemplate = ({ name, fieldPathId, onExpand }: CyclicSchemaExpandProps) => (
  <AddButton what={`Show ${name}`} onClick={() => onExpand(fieldPathId.$id)} />
);

const UnsupportedTemplate = ({ reason }: UnsupportedFieldProps) => (
  <Note tone="warn">This part cannot be shown as fields{reason ? ` (${reason})` : ""}. Write it as JSON.</Note>
);

/** The form in the look of the console's other forms. */
export const PAYLOAD_TEMPLATES = {
  FieldTemplate,
  ObjectFieldTemplate: ObjectTemplate,
  ArrayFieldTemplate: ArrayTemplate,
  ArrayFieldItemTemplate: ItemTemplate,
  MultiSchemaFieldTemplate: ChoiceTemplate,
  OptionalDataControlsTemplate: OptionalTemplate,
  CyclicSchemaExpandTemplate: CycleTemplate,
  UnsupportedFieldTemplate: UnsupportedTemplate,
};
